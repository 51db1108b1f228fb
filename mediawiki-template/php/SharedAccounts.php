<?php
/**
 * What a wiki may do with accounts that are the hub's: sign them in, and no more. Accounts, passwords and addresses are made
 * and changed on the hub alone, for whoever founded a wiki here is no authority over the accounts of everybody else.
 *
 * Read by LocalSettings.php before FarmSettings.php: an operator who knows what it means can take single lines back there.
 */

use MediaWiki\Api\ApiBase;
use MediaWiki\Auth\LocalPasswordPrimaryAuthenticationProvider;
use MediaWiki\Auth\TemporaryPasswordPrimaryAuthenticationProvider;
use MediaWiki\Language\RawMessage;
use MediaWiki\SpecialPage\SpecialPage;
use MediaWiki\SpecialPage\UnlistedSpecialPage;

class WikisteadSharedAccounts {
	/** Nobody has these here, whatever group they are in: they reach the hub's tables, or the sessions of others. */
	public const RIGHTS = [
		// The account itself, which is one for all wikis.
		'autocreateaccount', 'createaccount', 'renameuser', 'editmyprivateinfo', 'viewmyprivateinfo',
		// What runs in the browsers of others, who are the hub's accounts here.
		'editsitejs', 'edituserjs', 'editmyuserjs', 'editmyuserjsredirect',
		// Any group at all, those of other wikis included: who may be what is said group by group below.
		'userrights', 'userrights-interwiki',
		// What is hidden from the wiki's own sysops and from the farm's operators alike.
		'hideuser', 'suppressrevision', 'suppressionlog', 'viewsuppressed',
		// The whole wiki, and what it does for its owner, is the farm's to stop.
		'siteadmin',
	];

	/** Of the hub alone; here there is a link to it. */
	public const SPECIAL_PAGES = [
		'ChangeCredentials', 'ChangeEmail', 'ChangePassword', 'Confirmemail', 'CreateAccount', 'Invalidateemail',
		'LinkAccounts', 'PasswordReset', 'RemoveCredentials', 'Renameuser', 'ResetTokens', 'UnlinkAccounts',
	];

	public const API_MODULES = [
		'changeauthenticationdata', 'createaccount', 'linkaccount', 'removeauthenticationdata', 'resetpassword',
		'unlinkaccount',
	];

	/** Whom a bureaucrat makes what. `interface-admin` and `suppress` are not among them. */
	public const GROUPS = [ 'bot', 'bureaucrat', 'member', 'sysop' ];
}

foreach ( WikisteadSharedAccounts::RIGHTS as $right ) {
	// Everybody is in this group.
	$wgRevokePermissions['*'][$right] = true;
}
$wgAddGroups['bureaucrat'] = $wgRemoveGroups['bureaucrat'] = WikisteadSharedAccounts::GROUPS;

// Passwords are compared here, and not set: whatever page, module or extension asks for it.
foreach ( $wgAuthManagerAutoConfig['primaryauth'] as $name => $provider ) {
	if ( $provider['class'] === TemporaryPasswordPrimaryAuthenticationProvider::class ) {
		unset( $wgAuthManagerAutoConfig['primaryauth'][$name] );
	}
	if ( $provider['class'] === LocalPasswordPrimaryAuthenticationProvider::class ) {
		$wgAuthManagerAutoConfig['primaryauth'][$name]['args'][0]['loginOnly'] = true;
	}
}
unset( $right, $name, $provider );
$wgPasswordResetRoutes = [ 'username' => false, 'email' => false ];
$wgInvalidateUsernameOnPasswordReset = false;

class WikisteadHubPage extends UnlistedSpecialPage {
	/** @inheritDoc */
	public function getDescription() {
		return new RawMessage( 'Your account' );
	}

	/** @inheritDoc */
	public function execute( $subPage ) {
		$this->setHeaders();
		$out = $this->getOutput();
		$out->setStatusCode( 403 );
		$address = "{$GLOBALS['wikiHubServer']}/wiki/Special:{$this->getName()}";
		$out->addWikiTextAsInterface( "This is done on the hub, whose accounts this wiki shares: [$address {$this->getName()}]." );
	}
}

class WikisteadHubModule extends ApiBase {
	/** @inheritDoc */
	public function execute() {
		$this->dieWithError(
			new RawMessage( "This is done on the hub, whose accounts this wiki shares: {$GLOBALS['wikiHubServer']}/api.php" ),
			'hub-only'
		);
	}

	/** @inheritDoc */
	public function isInternal() {
		return true;
	}
}

$wikiHubServer = strtr( $wgServer, [ $pubwiki['WIKI_HOST_URL'] => strtr( $wikiHub, '_', '-' ) . ".{$pubwiki['WIKI_ROOT_HOST']}" ] );
foreach ( WikisteadSharedAccounts::API_MODULES as $name ) {
	$wgAPIModules[$name] = WikisteadHubModule::class;
}
// Last, so that no extension brings one back.
$wgExtensionFunctions[] = static function () {
	MediaWiki\MediaWikiServices::getInstance()->getHookContainer()->register(
		'SpecialPage_initList',
		static function ( array &$pages ) {
			foreach ( WikisteadSharedAccounts::SPECIAL_PAGES as $name ) {
				if ( isset( $pages[$name] ) ) {
					$pages[$name] = static fn () => new WikisteadHubPage( $name );
				}
			}
		}
	);
};
unset( $name );
