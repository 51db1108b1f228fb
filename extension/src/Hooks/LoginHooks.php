<?php

namespace MediaWiki\Extension\WikiFarm\Hooks;

use MediaWiki\Hook\LoginFormValidErrorMessagesHook;

/** Whoever is sent here by the console logs in first, and comes back with what they came with. */
class LoginHooks implements LoginFormValidErrorMessagesHook {
	/** @inheritDoc */
	public function onLoginFormValidErrorMessages( array &$messages ) {
		// With a message that the form does not know, there is an error page without a way on.
		$messages[] = 'wikifarm-error-sign-in-needed';
	}
}
