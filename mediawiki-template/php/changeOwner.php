<?php
/**
 * Hands the wiki in whose folder this is run over to the user whom WIKISTEAD_USER numbers: their account becomes sysop
 * and bureaucrat, and that of the owner before is neither any more, in one transaction, which also keeps what exactly it
 * changed, under the name of its task (WIKISTEAD_TASK). With WIKISTEAD_UNDO=1 what that task changed is changed back;
 * what another did is not touched.
 *
 * Where accounts are a hub's, the account is the one that WIKISTEAD_ACCOUNT numbers, or without it the one that
 * WIKISTEAD_FOUNDER names. On a wiki with accounts of its own it
 * is the one that was made for this user before, else one that is made now: under that name, or, where somebody has
 * it already or nobody can, under WIKISTEAD_FOUNDER_INSTEAD.
 *
 * It says who the owner is in one line of JSON, which it has read back, and may be run again. It ends with 3 when the hub
 * has no such account, and with 4 when there is no name for one.
 */

use MediaWiki\User\UserIdentity;
use MediaWiki\User\UserRigorOptions;
use Wikimedia\Rdbms\IDBAccessObject;

require_once __DIR__ . '/makeFounder.php';

class ChangeOwner extends MakeFounder {
	/** The link of a first sign-in: it was for the owner before. */
	private const SIGN_IN = 'wikistead sign-in';

	public function __construct() {
		parent::__construct();
		$this->addDescription( 'Hand this wiki over to another owner' );
	}

	/** @inheritDoc */
	public function execute() {
		$hasHub = $this->hasHub();
		$task = (string)getenv( 'WIKISTEAD_TASK' );
		if ( $task === '' ) {
			$this->fatalError( 'WIKISTEAD_TASK names no task.' );
		}
		$owner = $this->readRow( self::OWNER );
		$isDone = ( $owner['task'] ?? null ) === $task;
		if ( getenv( 'WIKISTEAD_UNDO' ) === '1' ) {
			if ( $isDone ) {
				$this->giveBack( $owner );
			}
			return true;
		}
		$account = $isDone ? $this->userOf( $owner['account'] ) : $this->accountOf( $hasHub );
		if ( !$isDone ) {
			$this->handOver( $task, $account, $owner );
		}
		$this->output( json_encode( $this->readBack( $account ), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES )
			. "\n" );
		return true;
	}

	private function accountOf( bool $hasHub ): UserIdentity {
		$names = $this->getServiceContainer()->getUserNameUtils();
		$asked = (string)getenv( 'WIKISTEAD_FOUNDER' );
		if ( $hasHub && getenv( 'WIKISTEAD_ACCOUNT' ) ) {
			return $this->accountOfHub();
		}
		if ( $hasHub ) {
			$name = $names->getCanonical( $asked, UserRigorOptions::RIGOR_USABLE );
			return ( $name === false ? null : $this->findUser( $name ) )
				?? $this->fatalError( 'The hub has no account of that name.', self::NO_SUCH_ACCOUNT );
		}
		$known = $this->readRow( self::accountRow( (int)getenv( 'WIKISTEAD_USER' ) ) );
		$account = $known ? $this->userOf( $known['account'] ) : null;
		if ( $account ) {
			return $account;
		}
		foreach ( [ $asked, (string)getenv( 'WIKISTEAD_FOUNDER_INSTEAD' ) ] as $wanted ) {
			$name = $names->getCanonical( $wanted, UserRigorOptions::RIGOR_CREATABLE );
			// An account of that name may be anybody's: here everybody names their own.
			if ( $name !== false && !$this->findUser( $name ) ) {
				return $this->makeAccount( $name );
			}
		}
		$this->fatalError( 'Every name that the account could have is somebody\'s.', self::NO_SUCH_NAME );
	}

	private function handOver( string $task, UserIdentity $account, ?array $before ): void {
		$db = $this->getPrimaryDB();
		$db->startAtomic( __METHOD__ );
		$added = $this->promote( $account );
		$former = $before ? $this->userOf( $before['account'] ) : null;
		$removed = $former && $former->getId() !== $account->getId() ? $this->demote( $former ) : [];
		// One step back is enough: an earlier task is over.
		unset( $before['before'] );
		$this->writeOwner( $account,
			[ 'task' => $task, 'added' => $added, 'removed' => $removed, 'before' => $before ] );
		$this->removeRow( self::SIGN_IN );
		$db->endAtomic( __METHOD__ );
	}

	/** @return array<string,?string> what was taken from them, with the day on which it would have ended anyway */
	private function demote( UserIdentity $former ): array {
		$manager = $this->getServiceContainer()->getUserGroupManager();
		$had = $manager->getUserGroupMemberships( $former, IDBAccessObject::READ_LATEST );
		$removed = [];
		foreach ( array_intersect( self::RIGHTS, array_keys( $had ) ) as $group ) {
			$removed[$group] = $had[$group]->getExpiry();
			$manager->removeUserFromGroup( $former, $group );
		}
		if ( $removed ) {
			$this->logRights( $former, array_keys( $had ), array_diff( array_keys( $had ), array_keys( $removed ) ) );
		}
		return $removed;
	}

	private function giveBack( array $owner ): void {
		$manager = $this->getServiceContainer()->getUserGroupManager();
		$db = $this->getPrimaryDB();
		$db->startAtomic( __METHOD__ );
		$account = $this->userOf( $owner['account'] );
		if ( $account && $owner['added'] ) {
			$had = $manager->getUserGroups( $account, IDBAccessObject::READ_LATEST );
			foreach ( $owner['added'] as $group ) {
				$manager->removeUserFromGroup( $account, $group );
			}
			$this->logRights( $account, $had, array_diff( $had, $owner['added'] ) );
		}
		$former = ( $owner['before'] ?? null ) ? $this->userOf( $owner['before']['account'] ) : null;
		if ( $former && $owner['removed'] ) {
			$had = $manager->getUserGroups( $former, IDBAccessObject::READ_LATEST );
			foreach ( $owner['removed'] as $group => $expiry ) {
				$manager->addUserToGroup( $former, $group, $expiry, true );
			}
			$this->logRights( $former, $had, array_merge( $had, array_keys( $owner['removed'] ) ) );
		}
		if ( $owner['before'] ?? null ) {
			$this->writeRow( self::OWNER, $owner['before'] );
		} else {
			$this->removeRow( self::OWNER );
		}
		$this->removeRow( self::SIGN_IN );
		$db->endAtomic( __METHOD__ );
	}
}

$maintClass = ChangeOwner::class;
require_once RUN_MAINTENANCE_IF_MAIN;
